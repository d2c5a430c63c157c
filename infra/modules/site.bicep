metadata description = 'The static site that visitors open. The plan is Standard: only that links a function app.'

import { placeSettings } from '../types.bicep'

@description('Region of the build service; the files are served worldwide.')
param region string

@description('What marks the site, and the last part of its name.')
param place placeSettings

resource site 'Microsoft.Web/staticSites@2025-03-01' = {
  name: 'stapp-${place.nameSuffix}'
  location: region
  tags: union(place.tags, { 'azd-service-name': 'web' })
  sku: {
    name: 'Standard'
    tier: 'Standard'
  }
  properties: {
    allowConfigFileUpdates: true
    stagingEnvironmentPolicy: 'Disabled'
  }
}

@description('Name of the static site.')
output name string = site.name

@description('Its address.')
output uri string = 'https://${site.properties.defaultHostname}'
