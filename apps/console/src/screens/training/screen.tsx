import { useTitle } from '../../shell/frame.tsx';

export function Screen() {
  useTitle('Training');
  return <h1>Training</h1>;
}
