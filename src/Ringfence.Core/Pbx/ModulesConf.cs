namespace Ringfence.Core.Pbx;

/// <summary>What modules.conf loads.</summary>
/// <remarks>main/loader.c, load_modules: autoload takes all that are installed; noload takes one out again, whatever else names it.</remarks>
internal static class ModulesConf
{
    /// <param name="name">Without ".so".</param>
    /// <returns>false also where there is no modules.conf, and nothing is known.</returns>
    public static bool Loads(PbxSnapshot pbx, string name) => pbx.Once(static pbx => new Named(pbx.Config("modules.conf").First("modules")))!.Load(name);

    /// <summary>modules.conf is there and does not load it.</summary>
    public static bool LeavesOut(PbxSnapshot pbx, string name) => pbx.Config("modules.conf").Exists && !Loads(pbx, name);

    private sealed class Named
    {
        private readonly HashSet<string> _loaded = new(StringComparer.Ordinal);
        private readonly HashSet<string> _left = new(StringComparer.Ordinal);
        private readonly bool _isAutoload;

        public Named(ConfigSection? modules)
        {
            foreach (var setting in modules?.Settings ?? [])
            {
                var name = setting.Value.EndsWith(".so", StringComparison.Ordinal) ? setting.Value[..^3] : setting.Value;
                switch (setting.Name.ToLowerInvariant())
                {
                    case "autoload":
                        _isAutoload |= AsteriskBool.IsTrue(setting.Value);
                        break;
                    case "noload":
                        _left.Add(name);
                        break;
                    case "load" or "preload" or "require" or "preload-require":
                        _loaded.Add(name);
                        break;
                    default:
                        break;
                }
            }
        }

        public bool Load(string name) => !_left.Contains(name) && (_isAutoload || _loaded.Contains(name));
    }
}
