export function Screen() {
  return <h1>billing</h1>;
}
