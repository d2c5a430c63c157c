metadata description = 'The static site that visitors open. The plan is Standard: only that links a function app.'

@description('Name of the static site.')
param name string

@description('Region of the build service; the files are served worldwide.')
param location string

@description('Tags of every resource.')
param tags object

resource site 'Microsoft.Web/staticSites@2025-03-01' = {
  name: name
  location: location
  tags: union(tags, { 'azd-service-name': 'web' })
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
