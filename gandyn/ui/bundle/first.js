// Made from web/ by "make web": 27939a6c49facf9f59f90645046d2f048419e6e092648b84fc43b149771c39b7
"use strict";(()=>{var o=()=>matchMedia("(prefers-color-scheme: dark)"),t=e=>(e??"auto")==="auto"?o().matches:e==="dark";function r(e){try{return JSON.parse(localStorage.getItem(`gandyn.${e}`)??"null")}catch{return null}}document.documentElement.dataset.gandynTheme=t(r("theme"))?"dark":"light";})();
