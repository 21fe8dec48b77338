import { serviceTable } from "../columns/services.ts";
import { serviceKinds } from "./emptiness.ts";
import { tableContent } from "./tableContent.ts";
import { serviceSubject } from "./subjects.ts";
import type { View } from "./view.ts";

export const servicesView: View = {
  id: "services",
  title: "services",
  commands: ["services", "svc", "service"],
  description: "every service and external host, worst first",
  isRoot: true,
  render: (input) =>
    tableContent(
      {
        table: serviceTable,
        empty: ({ namespace }) => ({
          says: [
            namespace === null
              ? "There is no service in this cluster."
              : `There is no service in namespace ${namespace}. 0 shows all namespaces.`,
          ],
          kinds: serviceKinds,
          needsMetrics: false,
        }),
        subject: ({ service }) => serviceSubject(service),
        open: ({ service }) => ({ view: "traffic", subject: serviceSubject(service) }),
        service: ({ service }) => service.key,
      },
      input,
    ),
};
