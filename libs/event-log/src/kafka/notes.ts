/** Where the adapter says what it met; the services' logger is one. Never told: keys, values, passwords. */
export interface KafkaNotes {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export const SILENT: KafkaNotes = { info: () => {}, warn: () => {} };
