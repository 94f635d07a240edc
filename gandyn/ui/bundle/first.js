// Made from web/ by "make web": 9398c598a74703de03e100e333b36bd7fba7eb65e6438d812960b429b740900c
"use strict";(()=>{var o=()=>matchMedia("(prefers-color-scheme: dark)"),t=e=>(e??"auto")==="auto"?o().matches:e==="dark";function r(e){try{return JSON.parse(localStorage.getItem(`gandyn.${e}`)??"null")}catch{return null}}document.documentElement.dataset.gandynTheme=t(r("theme"))?"dark":"light";})();
