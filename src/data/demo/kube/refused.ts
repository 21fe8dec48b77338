/** What a write in process throws where the API server would call the object invalid; the message is the server's. */
export class Refused extends Error {}
