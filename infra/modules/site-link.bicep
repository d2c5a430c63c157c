metadata description = 'Puts the function app behind the static site, under /api. From then on the app answers nobody else.'

@description('Name of the static site.')
param siteName string

@description('Resource id of the function app.')
param backendId string

@description('Region of the function app.')
param backendLocation string

resource site 'Microsoft.Web/staticSites@2025-03-01' existing = {
  name: siteName
}

// The name must stay as it is: a site has one link at most, and another name would be a second one.
resource link 'Microsoft.Web/staticSites/linkedBackends@2025-03-01' = {
  parent: site
  name: 'api'
  properties: {
    backendResourceId: backendId
    region: backendLocation
  }
}
