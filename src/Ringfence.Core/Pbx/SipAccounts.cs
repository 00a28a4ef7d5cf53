namespace Ringfence.Core.Pbx;

/// <summary>The names that the PBX's files let somebody log in by: anybody can guess the passwords of these, and of no others.</summary>
/// <remarks>docs.asterisk.org, "PJSIP Configuration Sections and Relationships"; pjsip_wizard.conf.sample of Asterisk 22. Accounts of a database are not among them.</remarks>
internal static class SipAccounts
{
    /// <param name="directory">Asterisk's configuration directory.</param>
    /// <returns>User names of credentials and names of endpoints, which a record of a refusal may have either of.</returns>
    public static IReadOnlySet<string> Read(string directory, IConfigFiles files)
    {
        HashSet<string> names = new(StringComparer.Ordinal);
        foreach (var section in AsteriskConfig.Read("pjsip.conf", directory, files).Sections)
        {
            switch (section["type"]?.ToLowerInvariant())
            {
                case "auth" when section["username"] is { } user:
                    names.Add(user);
                    break;
                case "endpoint":
                    names.Add(section.Name);
                    break;
                default:
                    break;
            }
        }

        foreach (var section in AsteriskConfig.Read("pjsip_wizard.conf", directory, files).Sections.Where(section => section["type"] == "wizard"))
        {
            names.Add(section.Name);
            if (section["inbound_auth/username"] is { } user)
            {
                names.Add(user);
            }
        }

        return names;
    }
}
