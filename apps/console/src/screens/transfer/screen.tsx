export function Screen() {
  return <h1>transfer</h1>;
}
