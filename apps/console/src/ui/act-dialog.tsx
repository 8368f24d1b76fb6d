import { useMutation } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { Dialog, Form, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { wordsOf } from '../api.ts';
import { Button } from './button.tsx';
import { TextEntry } from './field.tsx';
import { Trouble } from './trouble.tsx';

type Act = {
  /** What is about to be done, as a question or a command. */
  title: string;
  /** The word on the button that does it. */
  verb: string;
  isDangerous?: boolean;
  /** What it will do. */
  children: ReactNode;
  /** Why it is done is asked for, and stands in the audit. */
  needsReason?: boolean;
  /** Whether it can be done now; what it will do may still be asked for. */
  isReady?: boolean;
  /** Does it; what it gives is told as what it did. */
  run: (reason: string) => Promise<ReactNode>;
  onClose: () => void;
};

/** Shows what an action will do, asks why, does it, and shows what it did. */
export function ActDialog({
  title,
  verb,
  isDangerous,
  children,
  needsReason = true,
  isReady = true,
  run,
  onClose,
}: Act) {
  const [reason, setReason] = useState('');
  const act = useMutation({ mutationFn: () => run(reason.trim()) });
  const isMissing = !isReady || (needsReason && reason.trim() === '');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!isMissing) act.mutate();
  };
  return (
    <ModalOverlay className="overlay" isOpen isDismissable={!act.isPending} onOpenChange={onClose}>
      <Modal className="dialog">
        <Dialog>
          <Heading slot="title">{act.isSuccess ? 'Done' : title}</Heading>
          {act.isSuccess ? (
            <>
              <div role="status">{act.data}</div>
              <div className="row">
                <Button look="primary" autoFocus onPress={onClose}>
                  Close
                </Button>
              </div>
            </>
          ) : (
            <Form className="stack" onSubmit={submit}>
              <div>{children}</div>
              {needsReason && (
                <TextEntry
                  label="Why"
                  hint="It is kept in the audit."
                  value={reason}
                  onChange={setReason}
                  maxLength={500}
                  isRequired
                  autoFocus
                />
              )}
              {act.error !== null && <Trouble {...wordsOf(act.error)} />}
              <div className="row">
                <Button
                  look={isDangerous ? 'danger' : 'primary'}
                  type="submit"
                  isDisabled={act.isPending || isMissing}
                >
                  {act.isPending ? 'One moment …' : verb}
                </Button>
                <Button onPress={onClose} isDisabled={act.isPending}>
                  Leave it
                </Button>
              </div>
            </Form>
          )}
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
