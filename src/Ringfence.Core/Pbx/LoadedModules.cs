namespace Ringfence.Core.Pbx;

/// <summary>Which modules modules.conf has Asterisk load.</summary>
/// <remarks>main/loader.c; a name may lack its .so.</remarks>
internal static class LoadedModules
{
    /// <param name="module">"chan_iax2".</param>
    /// <returns>false: it is not loaded, so its file counts for nothing. Where modules.conf was not given it is taken for loaded.</returns>
    public static bool MayLoad(PbxSnapshot pbx, string module)
    {
        var settings = pbx.Config("modules.conf").Named("modules").SelectMany(static section => section.Settings).ToList();
        bool Names(string kind) => settings.Exists(setting => setting.Name.Equals(kind, StringComparison.OrdinalIgnoreCase) && Is(setting.Value, module));

        if (!pbx.Config("modules.conf").Exists)
        {
            return true;
        }

        return !Names("noload")
            && (AsteriskBool.IsTrue(settings.LastOrDefault(static setting => setting.Name.Equals("autoload", StringComparison.OrdinalIgnoreCase))?.Value)
                || Names("load") || Names("require") || Names("preload") || Names("preload-require"));
    }

    private static bool Is(string value, string module) =>
        value.Equals(module, StringComparison.OrdinalIgnoreCase) || value.Equals(module + ".so", StringComparison.OrdinalIgnoreCase);
}
