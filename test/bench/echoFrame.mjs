/** The floor of a key: a program that answers each one with `process.stdout.write` of a frame that is ready. */
const frame = Buffer.from(process.argv[2] ?? "", "base64");
process.stdin.setRawMode(true);
process.stdin.on("data", (keys) => {
  if (keys.includes(3)) process.exit();
  process.stdout.write(frame);
});
process.stdout.write("ready");
