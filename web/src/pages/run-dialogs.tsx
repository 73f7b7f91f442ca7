/** Questions about one run: its tags, and whether to delete it. */
import { useState } from 'preact/hooks';
import { apiUrl, type RunRow, runPath, type Session } from '../api.ts';
import { send } from '../client.ts';
import { Dialog } from '../ui/parts.tsx';
import { runTitle } from '../ui/run-parts.tsx';

interface DialogProps {
  readonly run: RunRow;
  readonly session: Session;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

/** Sends a change; a refusal is shown in the dialog, which stays open. */
function useChange({ onClose, onDone }: DialogProps) {
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const change = async (sending: () => Promise<unknown>): Promise<void> => {
    setBusy(true);
    try {
      await sending();
      onDone();
      onClose();
    } catch (thrown) {
      setError(thrown instanceof Error ? thrown.message : String(thrown));
      setBusy(false);
    }
  };
  return { error, busy, change };
}

export function TagsDialog(props: DialogProps) {
  const { run, session, onClose } = props;
  const [text, setText] = useState(run.tags.join(', '));
  const { error, busy, change } = useChange(props);
  const tags = [...new Set(text.split(',').map((tag) => tag.trim()))].filter((tag) => tag !== '');
  return (
    <Dialog title={`Tags of ${runTitle(run)}, seed ${run.seed}`} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void change(() => send('PUT', apiUrl(`${runPath(run.id)}/tags`), session.token, { tags }));
        }}
      >
        <p>
          <label class="block-field">
            Separated by commas
            <input
              type="text"
              value={text}
              maxLength={1000}
              onInput={(event) => setText(event.currentTarget.value)}
            />
          </label>
        </p>
        {error !== '' && (
          <p role="alert" class="bad-text">
            {error}
          </p>
        )}
        <div class="buttons">
          <button type="button" class="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class="button primary" disabled={busy}>
            Save tags
          </button>
        </div>
      </form>
    </Dialog>
  );
}

export function DeleteDialog(props: DialogProps) {
  const { run, session, onClose } = props;
  const [force, setForce] = useState(false);
  const [files, setFiles] = useState(false);
  const { error, busy, change } = useChange(props);
  const running = run.status === 'running';
  return (
    <Dialog title="Delete this run?" onClose={onClose}>
      <p>
        <strong>{runTitle(run)}</strong>, seed {run.seed} (<span class="mono">{run.id}</span>): {run.last + 1}{' '}
        steps with their samples go from the store. This cannot be undone.
      </p>
      <p class="choices">
        <label>
          <input
            type="checkbox"
            checked={files}
            onChange={(event) => setFiles(event.currentTarget.checked)}
          />{' '}
          also its checkpoints and pictures
        </label>
        {running && (
          <label>
            <input
              type="checkbox"
              checked={force}
              onChange={(event) => setForce(event.currentTarget.checked)}
            />{' '}
            although it still writes: its process then ends with an error
          </label>
        )}
      </p>
      {error !== '' && (
        <p role="alert" class="bad-text">
          {error}
        </p>
      )}
      <div class="buttons">
        <button type="button" class="button" onClick={onClose}>
          Keep it
        </button>
        <button
          type="button"
          class="button danger"
          disabled={busy || (running && !force)}
          onClick={() =>
            void change(() =>
              send('DELETE', apiUrl(runPath(run.id), { confirm: run.id, force, files }), session.token),
            )
          }
        >
          Delete
        </button>
      </div>
    </Dialog>
  );
}
