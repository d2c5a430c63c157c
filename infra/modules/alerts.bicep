metadata description = 'Alerts on what a person has to look at. Each reads Application Insights; with an address, each sends a mail.'

@description('First part of the names.')
param namePrefix string

@description('Region.')
param location string

@description('Tags of every resource.')
param tags object

@description('Resource id of the Application Insights component.')
param insightsId string

@description('Who gets the mails; empty for nobody (the alerts then show in the portal only).')
param email string

// The names are those of the functions, the phrases those of the log lines; tests/infra compares them with the code.
var rules = [
  {
    name: 'poison-messages'
    title: 'A queue message failed too often'
    what: 'Five attempts at a message failed. It is kept under poison/ in the archive, with whatever its journal held.'
    severity: 1
    threshold: 0
    query: 'requests | where name in ("archive_poison_message", "archive_poison_summary_message")'
  }
  {
    name: 'unobserved-calls'
    title: 'A call could not be observed, recorded or hung up'
    what: 'The log names the call. A call that could not be hung up runs, and costs, until the service ends it.'
    severity: 1
    threshold: 0
    query: 'traces | where message has_any ("cannot be observed", "is unrecorded", "could not be hung up")'
  }
  {
    name: 'failed-calls'
    title: 'Calls fail to connect'
    what: 'More than three requests for a call in 15 minutes were answered with 5xx. The log has the code of each.'
    severity: 2
    threshold: 3
    query: 'requests | where name in ("connect", "get_token", "register_call") | where toint(resultCode) >= 500'
  }
  {
    name: 'throttling'
    title: 'The model is over its quota'
    what: 'More than three requests in 15 minutes met the quota. Raise the deployment\'s capacity, or ask for quota.'
    severity: 2
    threshold: 3
    query: 'traces | where message has "upstream_throttled"'
  }
]

resource people 'Microsoft.Insights/actionGroups@2023-01-01' = if (!empty(email)) {
  name: '${namePrefix}-people'
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: 'switchboard'
    emailReceivers: [
      {
        name: 'mail'
        emailAddress: email
        useCommonAlertSchema: true
      }
    ]
  }
}

resource alerts 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [for rule in rules: {
  name: '${namePrefix}-${rule.name}'
  location: location
  tags: tags
  kind: 'LogAlert'
  properties: {
    displayName: 'Switchboard: ${rule.title}'
    description: rule.what
    enabled: true
    severity: rule.severity
    scopes: [insightsId]
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
      actionGroups: empty(email) ? [] : [people.id]
    }
  }
}]
