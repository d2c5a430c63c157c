metadata description = 'Logs and traces. Application Insights takes Entra tokens only.'

import { placeSettings, watchingSettings } from '../types.bicep'

@description('Where resources go.')
param place placeSettings

@description('What is kept of the logs, and where.')
param watching watchingSettings

var ownWorkspace = empty(watching.workspaceId)

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-02-01' = if (ownWorkspace) {
  name: 'log-${place.nameSuffix}'
  location: place.region
  tags: place.tags
  properties: {
    sku: {
      name: 'PerGB2018'
    }
    retentionInDays: watching.retentionDays
    workspaceCapping: {
      dailyQuotaGb: watching.dailyCapGb
    }
  }
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: 'appi-${place.nameSuffix}'
  location: place.region
  tags: place.tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: ownWorkspace ? workspace.id : watching.workspaceId
    IngestionMode: 'LogAnalytics'
    DisableLocalAuth: true
  }
}

@description('Resource id of the workspace.')
output workspaceId string = ownWorkspace ? workspace.id : watching.workspaceId

@description('Resource id of the Application Insights component.')
output insightsId string = insights.id

@description('Name of the Application Insights component.')
output insightsName string = insights.name
