/** Small parts that every page uses. */
import type { ComponentChildren, RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { RequestError } from '../client.ts';
import { navigate } from '../router.ts';

interface LinkProps {
  readonly href: string;
  /** Takes the place of the current history entry. */
  readonly replace?: boolean;
  readonly class?: string;
  readonly title?: string;
  readonly 'aria-current'?: 'page' | 'true';
  readonly 'aria-label'?: string;
  readonly children?: ComponentChildren;
}

/** A link inside the app: a real address, followed without loading the page anew. */
export function Link({ href, replace, children, ...rest }: LinkProps) {
  return (
    <a
      {...rest}
      href={href}
      onClick={(event) => {
        if (
          event.defaultPrevented ||
          event.button !== 0 ||
          event.metaKey ||
          event.ctrlKey ||
          event.shiftKey ||
          event.altKey
        )
          return;
        event.preventDefault();
        navigate(href, { replace });
      }}
    >
      {children}
    </a>
  );
}

export type Tone = 'good' | 'bad' | 'warn' | 'silent' | 'accent' | 'plain';

export function Badge({
  tone = 'plain',
  title,
  children,
}: {
  tone?: Tone;
  title?: string;
  children: ComponentChildren;
}) {
  return (
    <span class={`badge ${tone}`} title={title}>
      {children}
    </span>
  );
}

/** Nothing to show, and what to do about it. */
export function Empty({
  title,
  children,
  command,
}: {
  title: string;
  children?: ComponentChildren;
  command?: string;
}) {
  return (
    <div class="state">
      <h2>{title}</h2>
      {children && <p>{children}</p>}
      {command && <pre>{command}</pre>}
    </div>
  );
}

export function Failure({ error, retry }: { error: RequestError; retry?: () => void }) {
  return (
    <div class="state error" role="alert">
      <h2>
        {error.status === 404
          ? 'Not found'
          : error.status === 0
            ? 'No connection'
            : 'The server could not answer'}
      </h2>
      <p>{error.message}</p>
      {retry && (
        <button type="button" class="button" onClick={retry}>
          Retry
        </button>
      )}
    </div>
  );
}

export function Loading({ what }: { what: string }) {
  return (
    <p class="loading" role="status">
      Reading {what} …
    </p>
  );
}

/** A question in front of the page; Escape and the backdrop say no. The browser keeps the focus inside. */
export function Dialog({
  title,
  onClose,
  children,
}: {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
}) {
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = element.current!;
    const before = document.activeElement;
    dialog.showModal();
    return () => {
      dialog.close();
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={element}
      aria-label={title}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <h2>{title}</h2>
      {children}
    </dialog>
  );
}

/** A box that scrolls by itself: reachable by keyboard, with a name. */
export function Scroll({
  label,
  class: name,
  element,
  onScroll,
  children,
}: {
  label: string;
  class: string;
  element?: RefObject<HTMLElement | null>;
  onScroll?: () => void;
  children: ComponentChildren;
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section class={name} tabIndex={0} aria-label={label} ref={element} onScroll={onScroll}>
      {children}
    </section>
  );
}

/**
 * A number that changes while a run writes, where it is not at the start of its line. Each value is an element of its own, so that
 * the browser sees one replaced by the next and not a text that moved.
 */
export function Changing({ children }: { children: string }) {
  return <span key={children}>{children}</span>;
}

/** Offers text as a file. */
export function download(name: string, type: string, content: string): void {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** A title for the browser's tab and for screen readers that announce the page. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title === '' ? 'Assay' : `${title} · Assay`;
  }, [title]);
}
