/**
 * The outside world that Bourse needs, simulated in one process: providers with faults, a stateful Stripe, a mailbox.
 * For development and tests only; nothing here is ever imported by the product.
 */
export { createSandbox, type Sandbox, type SandboxAddress, type SandboxOptions } from './sandbox.ts';
