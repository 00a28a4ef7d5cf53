namespace Ringfence.Core.Pbx;

/// <summary>The accounts of sip.conf and iax.conf, as far as the PBX reads these files.</summary>
internal static class OldPeers
{
    /// <summary>Asterisk 21 has no chan_sip.</summary>
    private static readonly AsteriskVersion WithoutSip = new(21);

    public static bool ReadsSip(PbxSnapshot pbx) => pbx.Version < WithoutSip && pbx.Config("sip.conf").Exists && MayLoad(pbx, "chan_sip");

    public static bool ReadsIax(PbxSnapshot pbx) => pbx.Config("iax.conf").Exists && MayLoad(pbx, "chan_iax2");

    /// <summary>Empty where chan_sip does not read it.</summary>
    public static IEnumerable<ConfigSection> Sip(PbxSnapshot pbx) => ReadsSip(pbx) ? Of(pbx.Config("sip.conf")) : [];

    /// <summary>Empty where chan_iax2 does not read it.</summary>
    public static IEnumerable<ConfigSection> Iax(PbxSnapshot pbx) => ReadsIax(pbx) ? Of(pbx.Config("iax.conf")) : [];

    /// <returns>null: [general] does not say, and the version's default holds.</returns>
    public static ConfigSetting? General(PbxSnapshot pbx, string file, string option) =>
        pbx.Config(file).Named("general").Select(general => general.Find(option)).LastOrDefault(static setting => setting is not null);

    /// <summary>It may call in: as a user or a friend, by its name.</summary>
    public static bool IsUser(ConfigSection peer) => Type(peer) is "user" or "friend";

    /// <summary>Somebody registers with it.</summary>
    public static bool IsDynamic(ConfigSection peer) => Type(peer) is "peer" or "friend" && string.Equals(peer["host"], "dynamic", StringComparison.OrdinalIgnoreCase);

    /// <summary>Some addresses are refused; true as well where that is not known.</summary>
    public static bool MayRefuse(ConfigSection peer) =>
        peer.Find("acl") is not null || (AccessLists.Of(peer) is var list && (!list.IsWhole || list.RefusesSomebody(isIPv4: true)));

    // Where modules.conf was not given it is taken for loaded: its file was.
    private static bool MayLoad(PbxSnapshot pbx, string module) => !pbx.Config("modules.conf").Exists || ModulesConf.Loads(pbx, module);

    private static string? Type(ConfigSection peer) => peer["type"]?.ToLowerInvariant();

    private static IEnumerable<ConfigSection> Of(AsteriskConfig config) => config.Sections.Where(static section => section.Name is not ("general" or "authentication" or "callnumberlimits") && section.Find("type") is not null);
}
