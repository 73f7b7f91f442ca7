import { join } from 'node:path';
import { z } from 'zod';
import { type AuditAnswer, type AuditsAnswer, auditAnswer, auditRow } from './api.ts';
import { type Document, documentName, readDocuments } from './documents.ts';
import { Refusal } from './refusal.ts';

/** What `audit --out` writes and the dashboard reads: the audit as the API gives it, and which it was. */
export const auditDocument = z.object({
  assay: z.literal('audit'),
  version: z.literal(1),
  ...auditRow.pick({ kind: true, source: true, reward: true, second: true, headline: true, ok: true }).shape,
  ...auditAnswer.omit({ audit: true }).shape,
});
export type AuditDocument = z.output<typeof auditDocument>;

/** Where `audit --out NAME` puts its documents, beside the store's file. */
export const auditsFolder = (storeFolder: string) => join(storeFolder, 'audits');

function rowOf(document: Document, read: AuditDocument): AuditAnswer['audit'] {
  const { kind, source, reward, second, headline, ok } = read;
  return { name: documentName(document), kind, time: document.time, source, reward, second, headline, ok };
}

/** The audits of a folder, the newest first. */
export function auditsIn(folder: string): AuditsAnswer {
  const { documents, unreadable } = readDocuments([folder]);
  const audits = documents.flatMap((document) => {
    const read = auditDocument.safeParse(document.json);
    if (read.success) return [rowOf(document, read.data)];
    unreadable.push({ file: document.file, error: complaint(read.error) });
    return [];
  });
  return { audits, unreadable, folder };
}

/** One audit in full. Throws Refusal (404). */
export function auditIn(folder: string, name: string): AuditAnswer {
  const document = readDocuments([folder]).documents.find((one) => documentName(one) === name);
  const read = document && auditDocument.safeParse(document.json);
  if (!document || !read) throw new Refusal(404, `there is no audit '${name.slice(0, 80)}' in ${folder}`);
  if (!read.success)
    throw new Refusal(404, `the audit '${name.slice(0, 80)}' cannot be read: ${complaint(read.error)}`);
  return auditAnswer.parse({ ...read.data, audit: rowOf(document, read.data) });
}

function complaint(error: z.ZodError): string {
  const { path, message } = error.issues[0]!;
  return path.length > 0 ? `field '${path.map(String).join('.')}': ${message}` : message;
}
