export function Screen() {
  return <h1>dead-letters</h1>;
}
