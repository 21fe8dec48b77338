import { expect, test } from "vitest";
import { dashboardOf } from "../../support/dashboard.ts";

test("a key that moves the cursor makes anew the row it leaves, the row it comes to, and what stands around the table", () => {
  const app = dashboardOf({ columns: 120, rows: 40 });
  for (let press = 0; press < 4; press += 1) {
    const before = new Set(app.lines());
    app.press("j");
    const made = app.lines().filter((line) => !before.has(line));
    // Header, namespaces, title, message and footer are five.
    expect(made.length).toBeLessThanOrEqual(5 + 2);
  }
});
