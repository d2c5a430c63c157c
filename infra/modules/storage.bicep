metadata description = 'Storage of the Functions host, the queues between the functions, and the archive. No keys, nothing public.'

import { placeSettings, storageSettings } from '../types.bicep'

@description('Where resources go.')
param place placeSettings

@description('Redundancy, retention, audit and lock.')
param storage storageSettings

@description('Whether the account can be reached from outside the virtual network.')
param publicNetworkAccess bool

@description('Containers: the archive, and one for the deployment package of each function app.')
param containers string[]

@description('Container for journals, call summaries, places, ephemeral tokens and poison messages.')
param archiveContainer string

@description('Queues, poison queues among them.')
param queues string[]

@description('Resource id of the workspace for what is logged of the blobs.')
param workspaceId string

var auditCategories = storage.audit == 'all' ? ['StorageRead', 'StorageWrite', 'StorageDelete'] : ['StorageDelete']

resource account 'Microsoft.Storage/storageAccounts@2025-06-01' = {
  name: 'st${place.nameSuffix}'
  location: place.region
  tags: place.tags
  kind: 'StorageV2'
  sku: {
    name: storage.skuName
  }
  properties: {
    accessTier: 'Hot'
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: publicNetworkAccess ? 'Enabled' : 'Disabled'
    networkAcls: {
      bypass: 'AzureServices'
      defaultAction: publicNetworkAccess ? 'Allow' : 'Deny'
    }
  }
}

resource blobService 'Microsoft.Storage/storageAccounts/blobServices@2025-06-01' = {
  parent: account
  name: 'default'
  properties: {
    deleteRetentionPolicy: {
      enabled: true
      days: storage.softDeleteDays
    }
    containerDeleteRetentionPolicy: {
      enabled: true
      days: storage.softDeleteDays
    }
  }
}

resource containerItems 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-06-01' = [for container in containers: {
  parent: blobService
  name: container
  properties: {
    publicAccess: 'None'
  }
}]

resource queueService 'Microsoft.Storage/storageAccounts/queueServices@2025-06-01' = {
  parent: account
  name: 'default'
  properties: {}
}

resource queueItems 'Microsoft.Storage/storageAccounts/queueServices/queues@2025-06-01' = [for queueName in queues: {
  parent: queueService
  name: queueName
  properties: {}
}]

resource lifecycle 'Microsoft.Storage/storageAccounts/managementPolicies@2025-06-01' = {
  parent: account
  name: 'default'
  properties: {
    policy: {
      rules: [
        {
          name: 'archive-retention'
          enabled: true
          type: 'Lifecycle'
          definition: {
            filters: {
              blobTypes: ['blockBlob', 'appendBlob']
              prefixMatch: [
                '${archiveContainer}/journals/'
                '${archiveContainer}/summaries/'
                '${archiveContainer}/index/'
                '${archiveContainer}/poison/'
              ]
            }
            actions: {
              baseBlob: {
                delete: {
                  daysAfterModificationGreaterThan: storage.archiveRetentionDays
                }
              }
            }
          }
        }
        {
          // A place is a caller's running call, of an hour at most; a token is good for two. What is a day old is left over.
          name: 'left-over'
          enabled: true
          type: 'Lifecycle'
          definition: {
            filters: {
              blobTypes: ['blockBlob', 'appendBlob']
              prefixMatch: ['${archiveContainer}/live/', '${archiveContainer}/places/', '${archiveContainer}/spent/', '${archiveContainer}/tokens/']
            }
            actions: {
              baseBlob: {
                delete: {
                  daysAfterModificationGreaterThan: 1
                }
              }
            }
          }
        }
      ]
    }
  }
}

// Of everything in the account: the platform cannot tell the archive's blobs from the host's own.
resource audit 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = if (storage.audit != 'off') {
  scope: blobService
  name: 'to-workspace'
  properties: {
    workspaceId: workspaceId
    logs: [for category in auditCategories: {
      category: category
      enabled: true
    }]
  }
}

// The rule above still deletes what is old enough: a lock is about the account, not about what lies in it.
resource lock 'Microsoft.Authorization/locks@2020-05-01' = if (storage.locked) {
  scope: account
  name: 'archive'
  properties: {
    level: 'CanNotDelete'
    notes: 'Keeps the archive of calls from being deleted with its storage account.'
  }
}

@description('Resource id.')
output id string = account.id

@description('Name of the account.')
output name string = account.name

@description('Blob endpoint, with a slash at the end.')
output blobEndpoint string = account.properties.primaryEndpoints.blob

@description('Queue endpoint, with a slash at the end.')
output queueEndpoint string = account.properties.primaryEndpoints.queue
