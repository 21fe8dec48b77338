/** What a write in process throws where the API server would refuse it; the message is the server's. */
export class Refused extends Error {}
