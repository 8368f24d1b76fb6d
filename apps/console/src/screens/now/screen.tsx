export function Screen() {
  return <h1>now</h1>;
}
