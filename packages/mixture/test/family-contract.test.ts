import { shippedFamilies } from "../src/index.ts";
import { expertContract } from "./support/expert-contract.ts";
import { gatingContract } from "./support/gating-contract.ts";

for (const family of Object.values(shippedFamilies.gatings)) gatingContract(family);
for (const family of Object.values(shippedFamilies.experts)) expertContract(family);
