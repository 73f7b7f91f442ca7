/** The dashboard over the run store: a local web server with a documented HTTP API. */

export { alarmRules, alarmsOf, type RunSigns, signsOf } from './alarms/index.ts';
export * as api from './api.ts';
export { type AuditDocument, auditDocument } from './audits.ts';
export { createRunTables, type RunTable } from './run-table.ts';
export { defaultPort, startView, type ViewOptions, type ViewServer } from './server.ts';
