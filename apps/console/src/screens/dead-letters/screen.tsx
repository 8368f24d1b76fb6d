import { useTitle } from '../../shell/frame.tsx';

export function Screen() {
  useTitle('Dead letters');
  return <h1>Dead letters</h1>;
}
