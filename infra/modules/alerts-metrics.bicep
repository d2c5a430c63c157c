metadata description = 'Alerts on the platform\'s own metrics: they speak when no log comes in any more.'

import { placeSettings, watchingSettings } from '../types.bicep'

@description('Where resources go.')
param place placeSettings

@description('How much the observers can hold.')
param watching watchingSettings

@description('Resource id of the action group with the people; empty for nobody.')
param peopleId string

@description('Resource id of the function app.')
param gatewayId string

@description('Resource id of the storage account.')
param storageId string

@description('Resource id of the model account; empty for one that is none of ours.')
param accountId string

// Queues have no metric of a message's age, and their count comes once an hour.
var gatewayRules = [
  {
    name: 'gateway-errors'
    title: 'The gateway answers with errors'
    what: 'More than three answers in 15 minutes were 5xx, by the platform\'s own count.'
    target: gatewayId
    space: 'Microsoft.Web/sites'
    metric: 'Http5xx'
    aggregation: 'Total'
    threshold: 3
    window: 'PT15M'
    dimensions: []
  }
  {
    name: 'calls-waiting'
    title: 'More calls wait in the queues than can be observed'
    what: 'For an hour there were more messages than all instances can observe. Raise GATEWAY_MAX_INSTANCES, or look why no instance runs.'
    target: '${storageId}/queueServices/default'
    space: 'Microsoft.Storage/storageAccounts/queueServices'
    metric: 'QueueMessageCount'
    aggregation: 'Average'
    threshold: watching.observerCapacity
    window: 'PT1H'
    dimensions: []
  }
]
var modelRule = {
  name: 'model-quota'
  title: 'The model refuses requests: quota'
  what: 'More than three requests in 15 minutes were answered with 429, by the model account\'s own count. Raise the deployment\'s capacity.'
  target: accountId
  space: 'Microsoft.CognitiveServices/accounts'
  metric: 'AzureOpenAIRequests'
  aggregation: 'Total'
  threshold: 3
  window: 'PT15M'
  dimensions: [
    {
      name: 'StatusCode'
      operator: 'Include'
      values: ['429']
    }
  ]
}

resource alerts 'Microsoft.Insights/metricAlerts@2018-03-01' = [for rule in concat(gatewayRules, empty(accountId) ? [] : [modelRule]): {
  name: 'switchboard-${place.nameSuffix}-${rule.name}'
  location: 'global'
  tags: place.tags
  properties: {
    description: '${rule.title}. ${rule.what}'
    enabled: true
    severity: 1
    scopes: [rule.target]
    evaluationFrequency: 'PT5M'
    windowSize: rule.window
    autoMitigate: true
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          criterionType: 'StaticThresholdCriterion'
          name: rule.name
          metricNamespace: rule.space
          metricName: rule.metric
          dimensions: rule.dimensions
          operator: 'GreaterThan'
          threshold: rule.threshold
          timeAggregation: rule.aggregation
          // Before the first request there is no such metric yet.
          skipMetricValidation: true
        }
      ]
    }
    actions: empty(peopleId) ? [] : [{ actionGroupId: peopleId }]
  }
}]
