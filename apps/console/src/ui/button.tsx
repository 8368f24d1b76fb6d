import { Button as AriaButton, type ButtonProps } from 'react-aria-components';

type Look = 'usual' | 'primary' | 'danger' | 'plain';

export function Button({ look = 'usual', ...props }: ButtonProps & { look?: Look }) {
  return <AriaButton {...props} className={`button ${look}`} />;
}
