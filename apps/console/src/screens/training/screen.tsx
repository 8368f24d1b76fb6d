export function Screen() {
  return <h1>training</h1>;
}
