export function Screen() {
  return <h1>transfers</h1>;
}
