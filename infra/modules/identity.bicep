metadata description = 'The identity that the gateway runs as. User-assigned, so that its roles exist before the app does.'

import { placeSettings } from '../types.bicep'

@description('Where resources go.')
param place placeSettings

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: 'id-${place.nameSuffix}'
  location: place.region
  tags: place.tags
}

@description('Resource id.')
output id string = identity.id

@description('Object id, for role assignments.')
output principalId string = identity.properties.principalId

@description('Client id, for the app settings.')
output clientId string = identity.properties.clientId
