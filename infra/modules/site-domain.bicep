metadata description = 'A domain of one\'s own for the static site. Its CNAME record must lead to the site before this is deployed.'

@description('Name of the static site.')
param siteName string

@description('The domain, such as voice.example.com.')
param domain string

resource site 'Microsoft.Web/staticSites@2025-03-01' existing = {
  name: siteName
}

resource customDomain 'Microsoft.Web/staticSites/customDomains@2025-03-01' = {
  parent: site
  name: domain
  properties: {
    validationMethod: 'cname-delegation'
  }
}
