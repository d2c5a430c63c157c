metadata description = 'A workbook: calls, minutes, tokens, latency, and what went wrong.'

import { placeSettings } from '../types.bicep'

@description('Display name of the workbook.')
param displayName string

@description('Where resources go.')
param place placeSettings

@description('Resource id of the Application Insights component that it reads.')
param insightsId string

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(insightsId, 'switchboard-calls')
  location: place.region
  tags: place.tags
  kind: 'shared'
  properties: {
    displayName: displayName
    category: 'workbook'
    version: 'Notebook/1.0'
    sourceId: insightsId
    serializedData: loadTextContent('../workbook.json')
  }
}

@description('Resource id of the workbook.')
output id string = workbook.id
