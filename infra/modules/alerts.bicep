metadata description = 'Alerts on what a person has to look at, from logs and figures; with an address, each sends a mail.'

import { placeSettings, watchingSettings } from '../types.bicep'

@description('Where resources go.')
param place placeSettings

@description('Who gets the mails, and whether the workspace is ours.')
param watching watchingSettings

@description('Resource id of the Application Insights component.')
param insightsId string

@description('Resource id of the workspace.')
param workspaceId string

// The phrases are those of the log lines; tests/infra compares them with the code. Only traces and exceptions are
// read: host.json samples requests, and never those.
var callRules = [
  {
    name: 'poison-messages'
    title: 'A queue message failed too often'
    what: 'Five attempts at a message failed. It is kept under poison/ in the archive, with whatever its journal held.'
    target: insightsId
    severity: 1
    threshold: 0
    query: 'union (traces | where message has "failed too often"), (exceptions | where operation_Name in ("archive_poison_message", "archive_poison_summary_message"))'
  }
  {
    name: 'unobserved-calls'
    title: 'A call could not be observed, recorded or hung up'
    what: 'The log names the call. A call that could not be hung up runs, and costs, until the service ends it.'
    target: insightsId
    severity: 1
    threshold: 0
    query: 'traces | where message has_any ("cannot be observed", "is unrecorded", "could not be hung up")'
  }
  {
    name: 'failed-calls'
    title: 'Requests fail'
    what: 'More than three requests in 15 minutes were answered with 5xx. The log has the code of each.'
    target: insightsId
    severity: 2
    threshold: 3
    query: 'traces | where message matches regex @"^request \\S+( failed|: 5\\d\\d )"'
  }
  {
    name: 'throttling'
    title: 'The model is over its quota'
    what: 'More than three requests in 15 minutes met the quota. Raise the deployment\'s capacity, or ask for quota.'
    target: insightsId
    severity: 2
    threshold: 3
    query: 'traces | where message has "upstream_throttled"'
  }
]
// These read what the gateway sends once a minute with TELEMETRY=azure; without it they would never fire, and cost.
var figureRules = [
  {
    name: 'slow-answers'
    title: 'The model answers slowly'
    what: 'In 15 minutes, 20 answers or more began later than two seconds after the caller had stopped, on average. The workbook shows since when.'
    target: insightsId
    severity: 3
    threshold: 0
    query: 'customMetrics | where name == "switchboard.response.latency" | summarize Mean = sum(valueSum) / sum(valueCount), Answers = sum(valueCount) | where Answers >= 20 and Mean > 2'
  }
  {
    name: 'journal-lag'
    title: 'The journals are written late'
    what: 'In more than three of the minutes and processes of 15 minutes, an event waited over ten seconds for its journal. What waits is lost if the process dies: look at the storage account.'
    target: insightsId
    severity: 2
    threshold: 3
    query: 'customMetrics | where name == "switchboard.journal.lag" | where valueMax > 10'
  }
  {
    name: 'failed-observers'
    title: 'Calls ended because nobody could observe them'
    what: 'The gateway hung a call up because its observers failed five times. The log names the call.'
    target: insightsId
    severity: 2
    threshold: 0
    query: 'customMetrics | where name == "switchboard.calls.ended" | extend reason = tostring(customDimensions["switchboard.end.reason"]) | where reason == "observer_failed"'
  }
  {
    name: 'all-places-taken'
    title: 'All places for calls are taken'
    what: 'More than three callers in 15 minutes found the gateway full. Raise MAX_CALLS and the quota that goes with it.'
    target: insightsId
    severity: 2
    threshold: 0
    query: 'customMetrics | where name == "switchboard.requests.refused" | extend code = tostring(customDimensions["switchboard.code"]) | where code == "gateway_full" | summarize Requests = sum(valueSum) | where Requests > 3'
  }
]
// Past the cap nothing comes in until the next day, and no other alert of this file can fire.
var capRule = {
  name: 'log-cap'
  title: 'The logs are full for today'
  what: 'The workspace has taken its GB of the day (LOG_DAILY_CAP_GB). Until the next day only the alerts on metrics speak.'
  target: workspaceId
  severity: 1
  threshold: 0
  query: '_LogOperation | where Category =~ "Ingestion" | where Detail has "OverQuota"'
}
var ownRules = empty(watching.workspaceId) ? [capRule] : []
var rules = concat(callRules, ownRules, watching.telemetry == 'azure' ? figureRules : [])

resource people 'Microsoft.Insights/actionGroups@2023-01-01' = if (!empty(watching.email)) {
  name: 'switchboard-${place.nameSuffix}-people'
  location: 'global'
  tags: place.tags
  properties: {
    enabled: true
    groupShortName: 'switchboard'
    emailReceivers: [
      {
        name: 'mail'
        emailAddress: watching.email
        useCommonAlertSchema: true
      }
    ]
  }
}

resource alerts 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [for rule in rules: {
  name: 'switchboard-${place.nameSuffix}-${rule.name}'
  location: place.region
  tags: place.tags
  kind: 'LogAlert'
  properties: {
    displayName: 'Switchboard: ${rule.title}'
    description: rule.what
    enabled: true
    severity: rule.severity
    scopes: [rule.target]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    autoMitigate: true
    // Made before the first request has come in, when the tables are still empty.
    skipQueryValidation: true
    criteria: {
      allOf: [
        {
          query: rule.query
          timeAggregation: 'Count'
          operator: 'GreaterThan'
          threshold: rule.threshold
          failingPeriods: {
            numberOfEvaluationPeriods: 1
            minFailingPeriodsToAlert: 1
          }
        }
      ]
    }
    actions: {
      actionGroups: empty(watching.email) ? [] : [people.id]
    }
  }
}]

@description('Resource id of the action group; empty for nobody.')
output peopleId string = empty(watching.email) ? '' : people.id
