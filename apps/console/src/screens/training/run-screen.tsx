export function Screen() {
  return <h1>run</h1>;
}
