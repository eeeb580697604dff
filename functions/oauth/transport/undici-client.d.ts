// The package describes its root, which costs some 60 ms to load; this is the one module of it that is used.
declare module 'undici/lib/dispatcher/client.js' {
  import { Client } from 'undici/types/client.d.ts';
  export default Client;
}
