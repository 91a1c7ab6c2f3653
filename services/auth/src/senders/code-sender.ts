/** Brings a login code to a phone (digits only). Resolves when the carrier took it; rejects when it certainly or possibly did not. */
export type CodeSender = (message: { phone: string; code: string }) => Promise<void>;
