import { useTitle } from '../../shell/frame.tsx';

export function Screen() {
  useTitle('Now');
  return <h1>Now</h1>;
}
