// Read named KQL queries as JSON from standard input, and print what is wrong with each, as JSON by name.
// Microsoft's own language service parses the queries and resolves their names against the columns below, which are those
// of Application Insights and Log Analytics that the queries use.

const language = require.resolve('@kusto/language-service-next/Kusto.Language.Bridge.js');
require('@kusto/language-service-next/bridge.js');
require(language);

const { GlobalState, KustoCode, Symbols } = globalThis.Kusto.Language;
const TABLES = {
  customMetrics:
    '(timestamp:datetime, name:string, value:real, valueCount:int, valueSum:real, valueMin:real, valueMax:real, ' +
    'customDimensions:dynamic, cloud_RoleInstance:string)',
  exceptions: '(timestamp:datetime, operation_Name:string)',
  requests: '(timestamp:datetime, name:string, duration:real, success:bool, itemCount:int)',
  traces: '(timestamp:datetime, message:string, itemCount:int)',
  _LogOperation: '(TimeGenerated:datetime, Category:string, Detail:string)',
};

const tables = Object.entries(TABLES).map(([name, columns]) => Symbols.TableSymbol.From(columns).WithName(name));
const known = GlobalState.Default.WithDatabase(new Symbols.DatabaseSymbol.ctor('insights', tables));

/** @param {string} query */
function faults(query) {
  const found = KustoCode.ParseAndAnalyze(query, known).GetDiagnostics();
  return Array.from({ length: found.Count }, (_, index) => found.getItem(index).Message);
}

const queries = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));
const answers = Object.entries(queries).map(([name, query]) => [name, faults(query)]);
process.stdout.write(JSON.stringify(Object.fromEntries(answers)));
