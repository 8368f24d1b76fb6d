import {
  Button as AriaButton,
  FieldError,
  Input,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
  Select,
  SelectValue,
  Text,
  TextArea,
  TextField,
  type TextFieldProps,
} from 'react-aria-components';

type Entry = TextFieldProps & {
  label: string;
  hint?: string;
  placeholder?: string | undefined;
  isLong?: boolean;
};

/** A text to type, with its label. `isLong`: of several lines. */
export function TextEntry({ label, hint, placeholder, isLong = false, ...props }: Entry) {
  return (
    <TextField {...props} className="field">
      <Label>{label}</Label>
      {isLong ? (
        <TextArea className="input" placeholder={placeholder ?? ''} />
      ) : (
        <Input className="input" placeholder={placeholder ?? ''} />
      )}
      {hint !== undefined && (
        <Text slot="description" className="small soft">
          {hint}
        </Text>
      )}
      <FieldError className="error" />
    </TextField>
  );
}

type Choices<Value extends string> = {
  label: string;
  value: Value;
  choices: { value: Value; name: string }[];
  onChange: (value: Value) => void;
};

/** One of a few, with its label. */
export function Choice<Value extends string>({ label, value, choices, onChange }: Choices<Value>) {
  return (
    <Select className="field" value={value} onChange={(chosen) => onChange(chosen as Value)}>
      <Label>{label}</Label>
      <AriaButton className="input choice">
        <SelectValue />
        <span aria-hidden="true">▾</span>
      </AriaButton>
      <Popover className="popover">
        <ListBox className="choices">
          {choices.map(({ value: id, name }) => (
            <ListBoxItem key={id} id={id} className="choice-item">
              {name}
            </ListBoxItem>
          ))}
        </ListBox>
      </Popover>
    </Select>
  );
}
