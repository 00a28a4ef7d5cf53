using Ringfence.Core.Catalogue;

namespace Ringfence.Core.Pbx;

/// <summary>What of acl.conf decides whether its lists are there at all.</summary>
internal static class AclConf
{
    /// <summary>One option or value that it can't read makes Asterisk refuse the whole file, and then whoever names a list of it lets everybody in (measured on 22.10.1).</summary>
    public static bool IsRefused(PbxSnapshot pbx)
    {
        var settings = pbx.Config("acl.conf").Sections.Where(static section => section.Name != "general").SelectMany(static section => section.Settings).ToList();
        if (settings.Exists(static setting => setting.Name.ToLowerInvariant() is not ("permit" or "deny")))
        {
            return true;
        }

        var places = settings.Select(static setting => setting.Place).ToHashSet();
        return pbx.RemarkableSettings.Any(judged => judged.Fault?.Outcome == ValueOutcome.Refused && places.Contains(judged.Setting.Place));
    }
}
