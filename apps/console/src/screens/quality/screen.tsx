import { useTitle } from '../../shell/frame.tsx';

export function Screen() {
  useTitle('Quality');
  return <h1>Quality</h1>;
}
