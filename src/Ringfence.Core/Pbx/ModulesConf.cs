namespace Ringfence.Core.Pbx;

/// <summary>What modules.conf loads.</summary>
/// <remarks>main/loader.c, load_modules: autoload takes all that are installed; noload takes one out again, whatever else names it.</remarks>
internal static class ModulesConf
{
    /// <param name="name">Without ".so".</param>
    /// <returns>false also where there is no modules.conf, and nothing is known.</returns>
    public static bool Loads(PbxSnapshot pbx, string name)
    {
        var settings = pbx.Config("modules.conf").First("modules")?.Settings.ToList() ?? [];
        bool Names(string option) => settings.Exists(setting =>
            setting.Name.Equals(option, StringComparison.OrdinalIgnoreCase) && (setting.Value.EndsWith(".so", StringComparison.Ordinal) ? setting.Value[..^3] : setting.Value) == name);
        var isAutoload = settings.Exists(static setting => setting.Name.Equals("autoload", StringComparison.OrdinalIgnoreCase) && AsteriskBool.IsTrue(setting.Value));
        return !Names("noload") && (isAutoload || ((string[])["load", "preload", "require", "preload-require"]).Any(Names));
    }
}
