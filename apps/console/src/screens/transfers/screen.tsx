import { useTitle } from '../../shell/frame.tsx';

export function Screen() {
  useTitle('Transfers');
  return <h1>Transfers</h1>;
}
