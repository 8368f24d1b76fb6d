export function Screen() {
  return <h1>quality</h1>;
}
