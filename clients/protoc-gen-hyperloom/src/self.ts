/** What this plugin is called, and its version: both are in the head of what it writes. */
export const name = 'protoc-gen-hyperloom';
export const version = '0.1.0';
