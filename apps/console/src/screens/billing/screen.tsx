import { useTitle } from '../../shell/frame.tsx';

export function Screen() {
  useTitle('Billing');
  return <h1>Billing</h1>;
}
